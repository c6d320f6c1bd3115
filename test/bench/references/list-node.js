// A list, or several side by side, with nothing but node:http: what a program in Node cannot start faster than.
import { get } from 'node:http';

const [base, ...lists] = process.argv.slice(2);

function page(path) {
  get(base + path, { headers: { authorization: 'Basic a2V5OnNlY3JldA==' } }, (response) => {
    response.setEncoding('utf8');
    let text = '';
    response.on('data', (chunk) => {
      text += chunk;
    });
    response.on('end', () => {
      const { data, metadata } = JSON.parse(text);
      process.stdout.write(data.map((row) => `${JSON.stringify(row)}\n`).join(''));
      if (metadata.next) page(metadata.next);
    });
  });
}

for (const list of lists.length > 0 ? lists : ['/iam/v2/invitations?page_size=100']) page(list);
