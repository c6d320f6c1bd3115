import { expect, test } from 'vitest';
import { readLine } from '../../src/completion/line.ts';

test.each<readonly [string, object]>([
  ['get', {}],
  ['-p work get', { profile: 'work' }],
  ['get -pwork', { profile: 'work' }],
  ['--profile work get', { profile: 'work' }],
  ['--profile=work get', { profile: 'work' }],
  ["--profile 'work' get", { profile: 'work' }],
  ['-p one get -p two', { profile: 'two' }],
  ['get -p', { profile: '' }],
  ['--endpoint http://localhost:8080 get', { endpoint: 'http://localhost:8080' }],
  ['delete --remove-user', { removesUser: true }],
])('%s', (line, expected) => {
  const { words, ...read } = readLine(line.split(' '));
  expect(read).toEqual({ removesUser: false, ...expected });
  expect(words.size).toBeGreaterThan(0);
});
