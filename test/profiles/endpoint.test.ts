import { expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { parseEndpoint } from '../../src/http/endpoint.ts';

test.each([
  ['https://api.confluent.cloud', 'https://api.confluent.cloud/'],
  ['https://API.Confluent.Cloud:443/', 'https://api.confluent.cloud/'],
  ['https://confluentgov.com/api', 'https://confluentgov.com/api'],
  ['https://confluentgov.com/api//', 'https://confluentgov.com/api'],
  ['https://proxy.example/@team/api', 'https://proxy.example/@team/api'],
  ['http://localhost:8080', 'http://localhost:8080/'],
  ['http://[::1]:9', 'http://[::1]:9/'],
])('%s is taken as %s', (text, href) => {
  expect(parseEndpoint(text).href).toBe(href);
});

test.each([
  ['http://api.confluent.cloud', 'unencrypted'],
  ['http://127.0.0.1.evil.example', 'unencrypted'],
  ['http://[::2]', 'unencrypted'],
  ['ftp://api.confluent.cloud', 'not a URL'],
  ['api.confluent.cloud', 'not a URL'],
  ['https:api.confluent.cloud', 'not a URL'],
  ['', 'not a URL'],
  ['https://host:99999', 'not a URL'],
  ['https://api.confluent.cloud?x=1', 'a query'],
  ['https://api.confluent.cloud#', 'a fragment'],
  ['https://api.confluent.cloud.', 'ends with a dot'],
  ['https://api.cоnfluent.cloud', 'a character'],
  ['https://api.confluent.cloud\\@evil.example', 'a character'],
  ['https://api.conf\tluent.cloud', 'a character'],
  [' https://api.confluent.cloud', 'a character'],
  ['https://user@api.confluent.cloud', 'a user name'],
])('"%s" is refused: %s', (text, reason) => {
  const refuse = () => parseEndpoint(text);
  expect(refuse).toThrow(CliError);
  try {
    refuse();
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage', details: { reason: expect.stringContaining(reason) } });
  }
});

test.each([
  'https://user:hunter2@api.confluent.cloud',
  'https://hunter2@api.confluent.cloud',
  'user:hunter2@api.confluent.cloud',
  'https://a@b:hunter2@api.confluent.cloud',
])('what stands before the @ of "%s" is not shown again', (text) => {
  try {
    expect.unreachable(parseEndpoint(text).href);
  } catch (error) {
    expect(JSON.stringify((error as CliError).toRecord())).not.toContain('hunter2');
    expect((error as CliError).message).toContain('***@api.confluent.cloud');
  }
});
