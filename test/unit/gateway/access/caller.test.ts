import { describe, expect, it } from 'vitest';
import { anyone, hasRole, mayUseStream } from '#src/gateway/access/caller.js';
import { ROLES, type Role } from '#src/shared/domain/role.js';

describe('a caller', () => {
  it.each<[Role | undefined, readonly Role[]]>([
    [undefined, []],
    ['view', ['view']],
    ['operate', ['view', 'operate']],
    ['admin', ['view', 'operate', 'admin']],
  ])('of role %s has the roles below it as well', (role, expected) => {
    const had = ROLES.filter((needed) => hasRole(role === undefined ? {} : { role }, needed));

    expect(had).toEqual(expected);
  });

  it.each<[string, readonly string[] | undefined, string | undefined, boolean]>([
    ['without a list every stream', undefined, 'hall', true],
    ['without a list what belongs to no stream', undefined, undefined, true],
    ['a stream of the list', ['hall'], 'hall', true],
    ['no other stream', ['hall'], 'door', false],
    ['not what belongs to all streams', ['hall'], undefined, false],
    ['nothing with an empty list', [], 'hall', false],
  ])('may use %s', (_name, streams, streamId, expected) => {
    expect(mayUseStream(streams === undefined ? {} : { streams }, streamId)).toBe(expected);
  });

  it('may do everything while nobody is asked, and is known by the address', () => {
    const caller = anyone('192.168.1.7');

    expect(caller).toMatchObject({ way: 'open', address: '192.168.1.7' });
    expect(hasRole(caller, 'admin') && mayUseStream(caller, undefined)).toBe(true);
  });
});
