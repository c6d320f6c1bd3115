// The invitations that the benchmarks list: as large as the API's own, 100 of them a page of 74 kB.
import { gzipSync } from 'node:zlib';

const statuses = ['SENT', 'STAGED', 'ACCEPTED', 'EXPIRED', 'DEACTIVATED'].map((word) => `INVITE_STATUS_${word}`);

export const organization = '1111aaaa-11aa-11aa-11aa-111111aaaaaa';
export const crn = `crn://confluent.cloud/organization=${organization}`;

/** As mixed as people are: 2 in 100 have letters beyond ASCII, at either side of the `@`. */
export function address(number) {
  return number % 50 === 7 ? `zoë.łukasz+${number}@例え.example` : `person.${number}@example.com`;
}

export function invitation(number, email = address(number), status = statuses[number % statuses.length]) {
  const id = `i-${number.toString(36).padStart(5, '0')}`;
  const user = `u-${number.toString(36).padStart(5, '0')}`;
  return {
    api_version: 'iam/v2',
    kind: 'Invitation',
    id,
    metadata: {
      self: `https://api.confluent.cloud/iam/v2/invitations/${id}`,
      resource_name: `${crn}/invitation=${id}`,
      created_at: '2026-11-20T09:30:00.123456Z',
      updated_at: '2026-11-20T09:30:00.123456Z',
    },
    email,
    auth_type: number % 3 === 0 ? 'AUTH_TYPE_LOCAL' : 'AUTH_TYPE_SSO',
    status,
    accepted_at: status === 'INVITE_STATUS_ACCEPTED' ? '2026-11-21T10:00:00Z' : '0001-01-01T00:00:00Z',
    expires_at: '2099-11-23T09:30:00.123456Z',
    user: {
      id: user,
      related: `https://api.confluent.cloud/iam/v2/users/${user}`,
      resource_name: `${crn}/user=${user}`,
    },
    creator: {
      id: 'u-00001',
      related: 'https://api.confluent.cloud/iam/v2/users/u-00001',
      resource_name: `${crn}/user=u-00001`,
    },
  };
}

/** Every page of a list as it goes over the wire, compressed and plain. */
export function pagesOf(numbers, { size, path = '', row = (number) => invitation(number) }) {
  const pages = [];
  for (let start = 0; start < Math.max(numbers.length, 1); start += size) {
    const isLast = start + size >= numbers.length;
    const next = isLast ? {} : { next: `${path}${path.includes('?') ? '&' : '?'}page_token=${start / size + 1}` };
    const plain = Buffer.from(
      JSON.stringify({
        api_version: 'iam/v2',
        kind: 'InvitationList',
        metadata: { first: path, ...next },
        data: Array.from(numbers.subarray(start, start + size), row),
      }),
    );
    pages.push({ plain, compressed: gzipSync(plain) });
  }
  return pages;
}
