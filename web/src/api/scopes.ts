/// What a key allows, as the server said when it was exchanged. It is for what a page offers; the server decides.
export const scopeNames = ['send', 'read', 'ack', 'register', 'rooms', 'monitors', 'admin'] as const;
export type Scope = (typeof scopeNames)[number];
export interface Grant { scope: Scope; types?: string[] }

/// Kept by a tab, so it may be anything.
export const scopesOf = (value: unknown): Grant[] | undefined =>
  (Array.isArray(value) ? (value as Grant[]).filter(({ scope }) => scopeNames.includes(scope)) : undefined);

/// A filter of types: `*` stands for one segment, a trailing `**` for any rest; reserved prefixes must be named.
function matches(filter: string, type: string): boolean {
  const reserved = /^(room|monitor|headwater):/.exec(type)?.[0] ?? '';
  if (!filter.startsWith(reserved)) return false;
  const [wanted, given] = [filter.split(':'), type.split(':')];
  const hasRest = wanted.at(-1) === '**';
  if (hasRest) wanted.pop();
  if (hasRest ? given.length <= wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, i) => segment === '*' || segment === given[i]);
}

/// Without scopes (the server runs open, or did not say) everything is allowed.
export function allows(scopes: Grant[] | undefined, scope: Scope, type?: string): boolean {
  if (!scopes) return true;
  const grant = scopes.find((one) => one.scope === scope);
  if (!grant) return false;
  return type === undefined || !grant.types || grant.types.some((filter) => matches(filter, type));
}

/// "read, register of shop:**".
export const inWords = (scopes: Grant[]): string =>
  (scopes.some(({ scope, types }) => scope === 'admin' && !types) ? 'everything'
    : scopes.map(({ scope, types }) => (types ? `${scope} of ${types.join(', ')}` : scope)).join('; ') || 'nothing');
