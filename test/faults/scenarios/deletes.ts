import type { Scenarios } from '../exchange.ts';
import { always, drop, failure, first, html, json, lose, notFound, on } from '../faults.ts';
import { later } from './refusals.ts';

const missing = json(403, { error_code: 40_301, message: 'Either unauthorized to access it or it does not exist' });

/** DELETEs with other answers than 204, and lost ones. */
export const deletes = {
  'delete-429-once': { fault: on('delete', first(1, later(1))) },
  'delete-404': { fault: on('delete', always(notFound())) },
  'delete-missing-403': { fault: on(['get', 'delete'], always(missing)) },
  'delete-accepted': { fault: on('delete', always(failure(400, 'Bad Request. The invitation was already accepted'))) },
  'delete-200-html-once': { fault: on('delete', first(1, always(html(200, 'Log in to the guest network')))) },
  'delete-200-errors': { fault: on('delete', always({ ...failure(403, 'Not for you today'), status: 200 })) },
  'delete-lost': { fault: on('delete', (exchange) => (exchange.nth === 1 ? lose(exchange) : notFound())) },
  'delete-lost-403': { fault: on('delete', (exchange) => (exchange.nth === 1 ? lose(exchange) : missing)) },
  'delete-dropped': { fault: on('delete', first(1, drop)) },
  'delete-dropped-404': { fault: on('delete', (exchange) => (exchange.nth === 1 ? drop(exchange) : notFound())) },
  'delete-dropped-forever': { fault: on('delete', drop) },
} satisfies Scenarios;
