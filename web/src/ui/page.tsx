import type { ComponentChildren } from 'preact';
import { ApiError } from '../api/client';
import { withKey } from '../api/session';
import { useTitle, type Loaded } from '../hooks';
import { CommandLine } from './copy';
import { Icon } from './icon';

interface PageProps { title: string; up?: { href: string; name: string }; side?: ComponentChildren; lead?: ComponentChildren; children: ComponentChildren }

/// A page's heading, what can be done with all of it, and the page.
export function Page({ title, up, side, lead, children }: PageProps) {
  useTitle(title);
  return (
    <div class="page">
      <header class="page-head">
        <div class="page-title">
          {up && <a class="up" href={up.href}><Icon name="left" />{up.name}</a>}
          <h1 tabIndex={-1}>{title}</h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {side && <div class="actions">{side}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({ title, side, children, class: kind = '' }: { title?: ComponentChildren; side?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`card ${kind}`}>
      {(title || side) && <header class="card-head"><h2>{title}</h2>{side && <div class="actions">{side}</div>}</header>}
      {children}
    </section>
  );
}

/// Nothing is here yet; and the line to type so that something is.
export function Empty({ title, children, command }: { title: string; children?: ComponentChildren; command?: string }) {
  return (
    <div class="empty">
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {command && <CommandLine text={withKey(command)} />}
    </div>
  );
}

export function Failure({ error, missing }: { error: Error; missing?: string }) {
  const isMissing = error instanceof ApiError && error.status === 404;
  return <p class="failure" role="alert"><Icon name="alert" /><span>{isMissing && missing ? missing : error.message}</span></p>;
}

/// What was loaded, or that it could not be; an old value stays under the complaint.
export function Loading<T>({ from, missing, children }: { from: Loaded<T>; missing?: string; children: (value: T) => ComponentChildren }) {
  return (
    <>
      {from.error && <Failure error={from.error} missing={missing} />}
      {from.value !== undefined && children(from.value)}
      {from.value === undefined && !from.error && <p class="loading" role="status">Loading …</p>}
    </>
  );
}

export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

/// A table that scrolls by itself where it is too wide.
export function Table({ label, head, children }: { label: string; head: ComponentChildren; children: ComponentChildren }) {
  return (
    <div class="table" role="region" aria-label={label} tabIndex={0}>
      <table><thead><tr>{head}</tr></thead><tbody>{children}</tbody></table>
    </div>
  );
}
