import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  cameraTimeOf,
  mediaServicesOf,
  profilesOf,
  profileTokensOf,
  REQUESTS,
  serviceUrl,
  streamUriOf,
} from '#src/stream/onvif/onvif-answers.js';
import { parseSoap, soapRequest } from '#src/stream/onvif/soap.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyText, editText } from '../harness/junk.js';

const MAX_REASON = 200;
const MAX_PROFILES = 16;
const CONFIGURED = new URL('http://192.168.1.20:8000/onvif/device_service');

const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>${body}</s:Body></s:Envelope>`;
/** What a camera answers, of every kind that is read. */
const ANSWERS = [
  '<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime><tt:Time><tt:Hour>8</tt:Hour><tt:Minute>15</tt:Minute><tt:Second>30</tt:Second></tt:Time><tt:Date><tt:Year>2026</tt:Year><tt:Month>11</tt:Month><tt:Day>29</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>',
  '<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:XAddr>http://10.0.0.9/onvif/media</tds:XAddr></tds:Service><tds:Service><tds:Namespace>http://www.onvif.org/ver20/media/wsdl</tds:Namespace><tds:XAddr>http://10.0.0.9/onvif/media2</tds:XAddr></tds:Service></tds:GetServicesResponse>',
  '<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>http://10.0.0.9/onvif/media</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>',
  '<trt:GetProfilesResponse><trt:Profiles token="main" fixed="true"><tt:Name>Main</tt:Name></trt:Profiles><trt:Profiles token="sub"/></trt:GetProfilesResponse>',
  '<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://10.0.0.9/cam?a=1&amp;b=2</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>',
  '<tr2:GetStreamUriResponse><tr2:Uri>rtsp://10.0.0.9/cam</tr2:Uri></tr2:GetStreamUriResponse>',
  '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>',
  '<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>',
].map(envelope);
const PIECES = [
  '<',
  '>',
  '/>',
  '</s:Body>',
  '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '&lt;',
  '&#0;',
  '&#x10ffff;',
  '&#xffffffff;',
  '&a;',
  '<__proto__>x</__proto__>',
  '<constructor/>',
  '<toString>1</toString>',
  '<hasOwnProperty/>',
  '<?x ',
  '"',
  "'",
  'token="',
  '@token',
  '\0',
  '\ud800',
  'http://[::',
  'file:///etc/passwd',
  '<tt:Year>1e999</tt:Year>',
  '<a>'.repeat(2000),
  '<trt:Profiles token="x"/>'.repeat(300),
];

const answer = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.constantFrom(...ANSWERS), anyEdits).map(([text, edits]) => editText(text, edits, PIECES)),
  },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...PIECES, ...ANSWERS), { maxLength: 12 }).map((p) => p.join('')) },
  { weight: 1, arbitrary: anyText },
);

it('what a camera answers to ONVIF is read, or is none, whatever it is', () =>
  fuzz<string>({
    name: 'onvif',
    inputs: answer,
    check: (text) => {
      const read = parseSoap(text);

      expect(['answer', 'fault', 'other']).toContain(read.type);
      if (read.type === 'fault') {
        expect(read.reason.length).toBeLessThanOrEqual(MAX_REASON);
        expect(read.reason).not.toMatch(/\p{Cc}/u);
      }
      if (read.type !== 'answer') return;
      const time = cameraTimeOf(read.body);
      expect(time === undefined || Number.isFinite(time)).toBe(true);
      for (const { address } of mediaServicesOf(read.body)) {
        // The password goes to the camera that was configured, and to nobody else.
        expect(serviceUrl(CONFIGURED, address)).toMatchObject({ hostname: CONFIGURED.hostname, protocol: 'http:' });
      }
      const tokens = profileTokensOf(read.body);
      expect(tokens.length).toBeLessThanOrEqual(MAX_PROFILES);
      const uri = streamUriOf(read.body);
      const chosen = profilesOf(
        tokens.map((token) => ({ token, uri })),
        'rtsp://10.0.0.9/cam?a=1',
      );
      expect(chosen.length).toBe(tokens.length);
    },
  }));

it('a request is one document, whatever the camera called its profiles', () =>
  fuzz<string>({
    name: 'onvif-requests',
    inputs: anyText,
    check: (token) => {
      const text = soapRequest(REQUESTS.streamUri(1, token), {
        ...{ username: token, digest: 'x', nonce: 'x', created: '2026-11-29T00:00:00Z' },
      });

      expect(parseSoap(text)).toMatchObject({ type: 'answer' });
      expect(text.match(/<s:ProfileToken>/g)).toHaveLength(1);
    },
  }));
