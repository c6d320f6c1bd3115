import { describe, expect, test } from 'vitest';
import { rolesClient } from '../../src/api/role-bindings.ts';
import { decodedCrn, organizationIn, placeIn } from '../../src/api/roles.ts';
import { createApi } from '../../src/http/api.ts';
import { queryString, type Request, type Response } from '../../src/http/send.ts';
import { answer } from '../http/answers.ts';
import { errorOf } from '../support/failures.ts';

const organization = '11111111-2222-4333-8444-555555555555';
const crn = `crn://confluent.cloud/organization=${organization}`;

const binding = (id: string | undefined, role_name: string, crn_pattern: string, principal = 'User:u-1') => ({
  ...(id === undefined ? {} : { id }),
  principal,
  role_name,
  crn_pattern,
});
const admin = binding('rb-1', 'OrganizationAdmin', crn);
const nested = binding('rb-2', 'EnvironmentAdmin', `${crn}/environment=env-a`);
const page = (...data: unknown[]) => answer(200, { metadata: {}, data });
const refusal = (status: number) => answer(status, { errors: [{ status: String(status), detail: 'no such pattern' }] });

/** The roles of `u-1`, as an API tells them that answers by the pattern it is asked with. */
async function rolesFrom(answerTo: (pattern: string, request: Request) => Response) {
  const asked: string[] = [];
  const api = createApi(async (request) => {
    asked.push(queryString(request.query));
    return answerTo(String(request.query?.crn_pattern ?? ''), request);
  });
  const reading = rolesClient(api).of('u-1', organization);
  return { roles: (await reading).map(({ role_name }) => role_name), asked };
}

describe('the role bindings of a user', () => {
  test('are asked for with both patterns, a thousand a page', async () => {
    const { asked } = await rolesFrom(() => page());
    const [base, ...rest] = [crn, 'principal=User%3Au-1', 'page_size=1000'];
    const queries = [base, `${base}/*`].map((crn_pattern) => new URLSearchParams({ crn_pattern }));
    expect(asked).toEqual(queries.map((query) => `?${query}&${rest.join('&')}`));
  });

  test.each<[string, (pattern: string) => Response]>([
    ['the plain pattern matches what lies inside', () => page(admin, nested)],
    ['each pattern matches its own', (pattern) => (pattern === crn ? page(admin) : page(nested))],
    ['the longer pattern matches all', (pattern) => (pattern === crn ? page() : page(admin, nested))],
    ['the longer pattern is refused', (pattern) => (pattern === crn ? page(admin, nested) : refusal(400))],
    ['the shorter pattern is refused', (pattern) => (pattern === crn ? refusal(422) : page(admin, nested))],
  ])('are all there, each once: %s', async (_name, answerTo) => {
    expect((await rolesFrom(answerTo)).roles.sort()).toEqual(['EnvironmentAdmin', 'OrganizationAdmin']);
  });

  test.each([401, 403, 404, 429, 500])('are not cut short where one pattern ends with %i', async (status) => {
    for (const refused of [crn, `${crn}/*`]) {
      const reading = rolesFrom((pattern) => (pattern === refused ? refusal(status) : page(admin)));
      expect(await errorOf(reading)).toMatchObject({ details: { http_status: status } });
    }
  });

  test.each([crn, `${crn}/*`])('are not cut short where the second page of %s is refused', async (broken) => {
    const next = 'https://api.confluent.cloud/iam/v2/role-bindings?page_token=2';
    const reading = rolesFrom((pattern, { query }) => {
      if (pattern !== broken) return page(admin);
      return query?.page_token === '2' ? refusal(400) : answer(200, { metadata: { next }, data: [nested] });
    });
    expect(await errorOf(reading)).toMatchObject({ details: { http_status: 400 } });
  });

  test('are no empty list where both patterns are refused', async () => {
    expect(await errorOf(rolesFrom(() => refusal(400)))).toMatchObject({ details: { http_status: 400 } });
  });

  test('are theirs alone, whatever the API does with the filters', async () => {
    const others = [
      binding('rb-3', 'Operator', crn, 'User:u-12'),
      binding('rb-4', 'Operator', crn, 'Group:u-1'),
      binding('rb-5', 'Operator', crn.replace('1111', '9999')),
    ];
    const { roles } = await rolesFrom((_, { query }) =>
      query?.page_token === undefined
        ? answer(200, { metadata: { next: `https://evil.example/?page_token=${query?.crn_pattern}` }, data: [admin] })
        : page(...others, nested),
    );
    expect(roles.sort()).toEqual(['EnvironmentAdmin', 'OrganizationAdmin']);
  });

  test('are compared decoded', async () => {
    const encoded = crn.replace(':', '%3A');
    const { roles } = await rolesFrom((pattern) =>
      pattern === crn
        ? page(binding('rb-1', 'Operator', crn, 'User%3Au-1'), binding(undefined, 'MetricsViewer', crn))
        : page(binding('rb-1', 'Operator', encoded), binding(undefined, 'MetricsViewer', encoded)),
    );
    expect(roles.sort()).toEqual(['MetricsViewer', 'Operator']);
  });
});

describe('a CRN that is percent-encoded', () => {
  test.each([
    [`crn%3A//confluent.cloud/organization=${organization}/environment=env-a`, 'environment=env-a'],
    [
      `${crn}/environment=env-a/cloud-cluster=lkc-b/kafka=lkc-b/topic=a%3Ab`,
      'environment=env-a/cloud-cluster=lkc-b/kafka=lkc-b/topic=a:b',
    ],
    [`${crn}/environment=100%`, 'environment=100%'],
    [crn, 'the organization'],
  ])('%s is %s', (text, place) => {
    expect([placeIn(text), organizationIn(text)]).toEqual([place, organization]);
  });

  test('decodes once, and what is no encoding stays', () => {
    expect(['%253A', '%zz', 'User%3Au-1'].map(decodedCrn)).toEqual(['%3A', '%zz', 'User:u-1']);
  });
});
