// Addresses from stdin, invited with nothing but node:http: so many at once, each over a connection of its own.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

const [, , base, atOnce] = process.argv;
const waiting = (await text(process.stdin)).trim().split('\n');
const headers = { authorization: 'Basic a2V5OnNlY3JldA==', 'content-type': 'application/json' };

function create(email) {
  return new Promise((resolve, reject) => {
    const sent = request(`${base}/iam/v2/invitations`, { method: 'POST', headers, agent: false }, (response) => {
      response.resume().on('end', resolve);
    });
    sent.on('error', reject).end(JSON.stringify({ email }));
  });
}

async function work() {
  for (let email = waiting.shift(); email !== undefined; email = waiting.shift()) await create(email);
}

await Promise.all(Array.from({ length: Number(atOnce) }, work));
