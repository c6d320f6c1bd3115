import type { Exchange, Fault, Scenarios } from '../exchange.ts';
import { always, on, reads } from '../faults.ts';

/** Redirects. */
export const redirects = {
  'redirect-foreign': { fault: to(302, ({ foreignUrl, request }) => `${foreignUrl}${request.target}`) },
  'redirect-foreign-307': { fault: to(307, ({ foreignUrl, request }) => `${foreignUrl}${request.target}`) },
  'redirect-userinfo': { fault: unlessMoved(307, ({ url }) => url.replace('//', '//evil:pw@')) },
  'redirect-none': { fault: always({ status: 302 }) },
  'redirect-same': { fault: on(reads, unlessMoved(301)) },
  'redirect-same-308': { fault: unlessMoved(308) },
  'redirect-loop': { fault: to(307, ({ request }) => request.target) },
  'post-redirect-302': {
    fault: on(
      'create',
      to(302, ({ request }) => `/moved${request.target}`),
    ),
  },
  'post-redirect-303': {
    fault: on(
      'create',
      to(303, ({ request }) => `/moved${request.target}`),
    ),
  },
  'post-redirect-307': { fault: on('create', unlessMoved(307)) },
  'post-redirect-foreign': {
    fault: on(
      'create',
      to(307, ({ foreignUrl, request }) => `${foreignUrl}${request.target}`),
    ),
  },
} satisfies Scenarios;

function to(status: number, target: (exchange: Exchange) => string): Fault {
  return (exchange) => ({ status, headers: { Location: target(exchange) } });
}

/** Redirects to the same resource under another path, where it exists. */
function unlessMoved(status: number, before: (exchange: Exchange) => string = () => ''): Fault {
  const move = to(status, (exchange) => `${before(exchange)}/moved${exchange.request.target}`);
  return (exchange) => (exchange.request.target.startsWith('/moved') ? exchange.honest() : move(exchange));
}
