import { commands, page, prose, terms } from './page.ts';

export function profilesTopic(): string {
  return page(
    prose('A profile is a name for a Cloud API key, its secret, and the endpoint it is for.'),
    commands(
      'invite auth login work',
      'invite -p work list',
      'invite auth use work',
      'invite auth status',
      'invite -p sandbox create ann@example.com',
    ),
    `The first of these that is there says who you are; they are never mixed:\n${terms([
      ['1.', '--profile NAME'],
      ['2.', 'CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET, or CONFLUENT_CLOUD_ACCESS_TOKEN'],
      ['3.', 'INVITE_PROFILE'],
      ['4.', 'the current profile, which "invite auth use" sets'],
    ])}`,
    prose(
      '"invite auth status" shows which of them won, and what it goes before. It sends nothing unless --check is given.',
    ),
    prose(`The key must be a Cloud API key (confluent api-key create --resource cloud), and its owner must be allowed to
      invite: OrganizationAdmin or AccountAdmin. The key decides which organization you are in.`),
    prose(`The secret is asked for, or read with --api-secret-stdin or --api-secret-file; it is never an argument. It is
      kept as plain text in a file that only you can read. To keep it in a password manager instead, store the program
      that prints it; it is run without a shell:`),
    commands(`invite auth login work --secret-command '["op","read","op://it/confluent/secret"]'`),
    prose(`CONFLUENT_CLOUD_ACCESS_TOKEN is an access token of Confluent Cloud, which a workload gets in exchange for its own
      identity. It lives at most 15 minutes and is never stored.`),
    prose('A stored key goes only to the endpoint that it was stored for.'),
    prose(`"sandbox" is built in and needs no key: an API that lives in a file of yours. "invite sandbox" fills it, empties
      it, and plays the people who accept.`),
  );
}
