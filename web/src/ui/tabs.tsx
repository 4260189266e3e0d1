import type { ComponentChildren } from 'preact';

export interface Tab { id: string; name: ComponentChildren; href: string }

/// Links to the parts of a page; they are addresses, so they can be bookmarked.
export function Tabs({ label, tabs, current }: { label: string; tabs: Tab[]; current: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => <a key={tab.id} href={tab.href} aria-current={tab.id === current ? 'page' : undefined}>{tab.name}</a>)}
    </nav>
  );
}
