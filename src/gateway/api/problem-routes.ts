import * as z from 'zod';
import { DiptychError, ERROR_CODES, type ErrorCode } from '../../shared/domain/errors.js';
import { statusesOf } from './http-errors.js';
import { route, type Route } from './route.js';
import { problemKindSchema } from './schemas.js';

const kindOf = (code: ErrorCode): z.output<typeof problemKindSchema> => ({
  ...{ code, title: ERROR_CODES[code], statuses: [...statusesOf(code)] },
});

const isCode = (text: string): text is ErrorCode => Object.hasOwn(ERROR_CODES, text);

/** What the codes of problems stand for: `type` of a problem leads here. */
export function problemRoutes(): Route[] {
  return [
    route({
      id: 'listProblems',
      role: 'none',
      tag: 'service',
      method: 'GET',
      path: '/api/v1/problems',
      summary: 'All codes of problems, and what they stand for',
      answer: { status: 200, description: 'The codes', schema: z.array(problemKindSchema) },
      handle: () => ({ body: (Object.keys(ERROR_CODES) as ErrorCode[]).map(kindOf) }),
    }),
    route({
      id: 'getProblem',
      role: 'none',
      tag: 'service',
      method: 'GET',
      path: '/api/v1/problems/:code',
      summary: 'What one code stands for; the type of a problem leads here',
      answer: { status: 200, description: 'The code', schema: problemKindSchema },
      handle: ({ params }) => {
        const code = params['code'] ?? '';
        if (!isCode(code)) {
          throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'there is no such code; /api/v1/problems lists them');
        }
        return { body: kindOf(code) };
      },
    }),
  ];
}
