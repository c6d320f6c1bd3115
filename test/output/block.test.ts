import { expect, test } from 'vitest';
import { renderer } from '../../src/output/table.ts';
import { ann, bob, pipe, terminal, view } from './samples.ts';

test('times as the API sent them on a pipe, references by their id', () => {
  expect(`\n${renderer.one(view, ann, pipe)}`).toBe(`
id:                  i-7od91
email:               ann@example.com
state:               pending
expires_at:          2026-01-03T12:00:00.123456Z
user:                u-r0jy59
metadata.created_at: 2026-01-01T09:00:00Z
`);
});

test('times in words too on a terminal', () => {
  expect(renderer.one(view, ann, { ...terminal, fields: ['id', 'expires_at', 'metadata.created_at'] })).toBe(
    'id:                  i-7od91\n' +
      'expires_at:          2026-01-03T12:00:00.123456Z (in 2 days)\n' +
      'metadata.created_at: 2026-01-01T09:00:00Z (3 hours ago)\n',
  );
});

test('what the record lacks is left out, what is null is not', () => {
  expect(renderer.one(view, bob, terminal)).toBe(
    'id:         i-2\nemail:      bob.with.a.long.name@example.com\nstate:      accepted\nexpires_at: -\nuser:       -\n',
  );
});

test('fields that were asked for are all there', () => {
  expect(renderer.one(view, ann, { ...pipe, fields: ['user.related', 'user', 'status'] })).toBe(
    'user.related: https://api.example.com/u-r0jy59\nuser:         u-r0jy59\nstatus:       -\n',
  );
});
