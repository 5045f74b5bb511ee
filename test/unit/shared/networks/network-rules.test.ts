import { describe, expect, it } from 'vitest';
import { accessSchema } from '#src/shared/config/access-schema.js';
import { explainAddress, explainHost, explainKind, type NetworkRules } from '#src/shared/networks/network-rules.js';

const { sources: defaults } = accessSchema.parse({});
const rules = (given: Partial<NetworkRules>): NetworkRules => ({ ...defaults, ...given });

describe('an address that is never taken', () => {
  it.each([
    ['the metadata service of most clouds', '169.254.169.254'],
    ['another link-local address', '169.254.0.1'],
    ['the same as one number', '2852039166'],
    ['the same in hexadecimal', '0xa9fea9fe'],
    ['the same in octal', '025177524776'],
    ['the same in parts of several kinds', '0xa9.254.0251.0xfe'],
    ['the same in three parts', '169.254.43518'],
    ['the same with a dot at its end', '169.254.169.254.'],
    ['the same in IPv6, mapped', '::ffff:169.254.169.254'],
    ['the same, mapped, in hexadecimal', '[::ffff:a9fe:a9fe]'],
    ['the same, mapped, with every zero', '0:0:0:0:0:ffff:a9fe:a9fe'],
    ['the same in the older form of IPv6', '::169.254.169.254'],
    ['the same by a translator (RFC 6052)', '64:ff9b::a9fe:a9fe'],
    ['the same by a local translator (RFC 8215)', '64:ff9b:1::a9fe:a9fe'],
    ['the same by SIIT', '::ffff:0:a9fe:a9fe'],
    ['the same by 6to4', '2002:a9fe:a9fe::1'],
    ['the same by Teredo', '2001:0:4136:e378:8000:63bf:5601:5601'],
    ['the same by ISATAP', '2001:db8::200:5efe:169.254.169.254'],
    ['a link-local address of IPv6', 'fe80::1'],
    ['the same with its zone', '[fe80::1%eth0]'],
    ['the last of them', 'febf:ffff::1'],
    ['the metadata service of AWS in IPv6', 'fd00:ec2::254'],
    ['that of Google Cloud', 'fd20:ce::254'],
    ['that of Alibaba Cloud', '100.100.100.200'],
    ['that of Azure', '168.63.129.16'],
    ['that of Oracle Cloud', '192.0.0.192'],
    ['what stands for this machine', '0.0.0.0'],
    ['the same as a number', '0'],
    ['the same in IPv6', '::'],
    ['many machines', '239.1.1.1'],
    ['all machines', '255.255.255.255'],
    ['many machines in IPv6', 'ff02::1'],
  ])('%s: %s', (_name, host) => {
    const problem = explainHost(
      host,
      rules({ allow: ['0.0.0.0/0', '::/0', '169.254.169.254', 'fe80::/10'] }),
      'sources',
    );

    expect(problem).toMatch(/it is never taken; use another address$/);
  });
});

describe('with the defaults', () => {
  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['192.168.1.20'],
    ['100.64.0.1'],
    ['8.8.8.8'],
    ['169.253.255.255'],
    ['169.255.0.0'],
    ['::1'],
    ['fd12:3456::1'],
    ['2001:db8::1'],
    ['::ffff:192.168.1.20'],
    ['2002:c0a8:114::1'],
    ['fe00::1'],
  ])('%s is taken', (address) => {
    expect(explainAddress(address, defaults, 'sources')).toBeUndefined();
  });

  it.each([['camera.lan'], ['localhost'], ['169.254.169.254.nip.io'], ['256.1.1.1'], ['1.2.3.4.5'], ['0x'], ['']])(
    'nothing is said of the name %s before its addresses are known',
    (host) => {
      expect(explainHost(host, defaults, 'sources')).toBeUndefined();
    },
  );

  it('an answer of a name server that is no address is not taken', () => {
    expect(explainAddress('nonsense', defaults, 'sources')).toBe('nonsense is no address');
  });
});

describe('networks of the configuration', () => {
  it.each<[string, Partial<NetworkRules>, string, 'taken' | 'deny' | 'allow']>([
    ['in a network that is allowed', { allow: ['192.168.0.0/16'] }, '192.168.7.1', 'taken'],
    ['in none that is allowed', { allow: ['192.168.0.0/16'] }, '10.0.0.1', 'allow'],
    ['in none, of another family', { allow: ['192.168.0.0/16'] }, 'fd00::1', 'allow'],
    ['mapped, in one that is allowed', { allow: ['192.168.0.0/16'] }, '::ffff:192.168.7.1', 'taken'],
    ['mapped, where all of IPv6 is allowed', { allow: ['::/0'] }, '::ffff:192.168.7.1', 'allow'],
    ['denied', { deny: ['127.0.0.0/8'] }, '127.0.0.1', 'deny'],
    ['denied, as a number', { deny: ['127.0.0.0/8'] }, '2130706433', 'deny'],
    ['denied, short', { deny: ['127.0.0.0/8'] }, '127.1', 'deny'],
    ['denied, mapped', { deny: ['127.0.0.0/8'] }, '[::ffff:7f00:1]', 'deny'],
    ['denied, by 6to4', { deny: ['10.0.0.0/8'] }, '2002:a00:1::1', 'deny'],
    ['denied within what is allowed', { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] }, '10.1.2.3', 'deny'],
    ['beside what is denied', { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] }, '10.2.2.3', 'taken'],
    ['one address', { allow: ['203.0.113.5'] }, '203.0.113.5', 'taken'],
    ['the next one', { allow: ['203.0.113.5'] }, '203.0.113.6', 'allow'],
    ['loopback of IPv6 denied', { deny: ['::1'] }, '[::1]', 'deny'],
    ['nothing allowed', { allow: [] }, '8.8.8.8', 'allow'],
  ])('%s', (_name, given, host, outcome) => {
    const problem = explainHost(host, rules(given), 'targets');

    if (outcome === 'taken') expect(problem).toBeUndefined();
    else expect(problem).toMatch(new RegExp(`access\\.targets\\.${outcome}; use another address, or`));
  });

  it.each([['192.168.0.0/33'], ['192.168.0.0/'], ['camera.lan'], ['10.0.0.0/8/8'], ['fd00::/129'], ['']])(
    '%s is no network',
    (text) => {
      expect(accessSchema.safeParse({ sources: { deny: [text] } }).success).toBe(false);
    },
  );
});

it('kinds that are not taken are told with those that are', () => {
  const problem = explainKind('file', rules({ schemes: ['rtsp', 'rtsps'] }), 'sources');

  expect(problem).toBe('file is not in access.sources.schemes; use one of rtsp, rtsps, or add it there');
});
