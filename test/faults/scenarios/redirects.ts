import type { Exchange, Fault, Scenarios } from '../exchange.ts';
import { always, on, reads } from '../faults.ts';

/** Redirects. */
export const redirects = {
  'redirect-foreign': { fault: to(302, foreign) },
  'redirect-foreign-307': { fault: to(307, foreign) },
  'redirect-userinfo': { fault: unlessMoved(307, ({ url }) => url.replace('//', '//evil:pw@')) },
  'redirect-none': { fault: always({ status: 302 }) },
  'redirect-same': { fault: on(reads, unlessMoved(301)) },
  'redirect-same-308': { fault: unlessMoved(308) },
  'redirect-loop': { fault: to(307, ({ request }) => request.target) },
  'post-redirect-302': { fault: on('create', to(302, moved)) },
  'post-redirect-303': { fault: on('create', to(303, moved)) },
  'post-redirect-307': { fault: on('create', unlessMoved(307)) },
  'post-redirect-foreign': { fault: on('create', to(307, foreign)) },
} satisfies Scenarios;

function foreign({ foreignUrl, request }: Exchange): string {
  return `${foreignUrl}${request.target}`;
}

function moved({ request }: Exchange): string {
  return `/moved${request.target}`;
}

function to(status: number, target: (exchange: Exchange) => string): Fault {
  return (exchange) => ({ status, headers: { Location: target(exchange) } });
}

/** Redirects to the same resource under another path, where it exists. */
function unlessMoved(status: number, before: (exchange: Exchange) => string = () => ''): Fault {
  const move = to(status, (exchange) => before(exchange) + moved(exchange));
  return (exchange) => (exchange.request.target.startsWith('/moved') ? exchange.honest() : move(exchange));
}
