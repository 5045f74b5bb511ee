import { expect, it } from 'vitest';
import { gatewayJsonSchema, type SchemaNode } from '#src/shared/config/json-schema.js';
import { isSecretName } from '#src/shared/config/secret-name.js';

it.each(['password', '_password', 'PassWd', 'api-key', 'x.api_key', 'access_token', 'Authorization', 'sig', 'user_pw'])(
  'takes %s for the name of a secret',
  (name) => {
    expect(isSecretName(name)).toBe(true);
  },
);

it.each(['', 'user', 'channel', 'subtype', 'mapping', 'url', 'x-forwarded-for', '%', '%7'])(
  'does not take "%s" for one',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);

it('takes only passwords, shared secrets, the stream key and their files of the configuration for secrets', () => {
  const namesIn = ({ properties = {}, items, anyOf = [] }: SchemaNode): readonly string[] => [
    ...Object.entries(properties).flatMap(([name, node]) => [name, ...namesIn(node)]),
    ...(items ? namesIn(items) : []),
    ...anyOf.flatMap(namesIn),
  ];

  expect(namesIn(gatewayJsonSchema() as SchemaNode).filter(isSecretName)).toEqual([
    'keyFile',
    ...['secret', 'secretFile', 'credential', 'credentialFile'],
    ...['token', 'tokenFile', 'tokens', 'token', 'tokenFile'],
    // Of the cluster: etcd's password and TLS, then its own key.
    ...['password', 'passwordFile', 'keyFile', 'key', 'keyFile'],
    ...['password', 'passwordFile', 'password', 'passwordFile'],
    ...['key', 'keyFile'],
  ]);
});
