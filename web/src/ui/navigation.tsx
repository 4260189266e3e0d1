import { useEffect, useState } from 'preact/hooks';
import { forget, keyForm, openKeyForm } from '../api/session';
import { useReadiness } from '../api/readiness';
import { useRoute } from '../router';
import { useStore } from '../store';
import { theme, type Choice } from '../theme';
import { Icon, type IconName } from './icon';

const pages: [string, string, IconName][] = [
  ['', 'Overview', 'overview'], ['live', 'Live', 'live'], ['feeds', 'Feeds', 'feed'], ['streams', 'Streams', 'streams'],
  ['types', 'Event types', 'types'], ['monitors', 'Monitors', 'monitors'], ['rooms', 'Rooms', 'rooms'], ['inboxes', 'Inboxes', 'inbox'],
];

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="logo-ground" />
      <path d="M5 21c4 0 4-9 9-9s5 9 9 9c2 0 3-1 4-3" class="logo-water" />
      <circle cx="7" cy="11" r="2.4" class="logo-source" />
    </svg>
  );
}

const choices: [Choice, string, IconName][] = [['auto', 'As the system', 'auto'], ['light', 'Light', 'sun'], ['dark', 'Dark', 'moon']];

function ThemeSwitch() {
  const chosen = useStore(theme.choice);
  return (
    <div class="segments" role="radiogroup" aria-label="Colours">
      {choices.map(([choice, name, icon]) => (
        <label key={choice} title={name}>
          <input type="radio" name="theme" value={choice} aria-label={name} checked={chosen === choice} onChange={() => theme.choose(choice)} />
          <Icon name={icon} />
        </label>
      ))}
    </div>
  );
}

function Health() {
  const health = useReadiness();
  const [tone, text] = health === undefined ? ['quiet', 'Asking …'] : health.isReady ? ['good', 'Ready'] : ['bad', 'Not ready'];
  return <a class={`health ${tone}`} href="#/" title={health?.reasons.join('; ')}><span class="dot" />{text}</a>;
}

/// The landmarks' first: where one is, where one can go, and whether the server is well.
export function Navigation() {
  const { segments: [here = ''], text } = useRoute();
  const [isOpen, setOpen] = useState(false);
  const { isSignedIn, isPutOff } = useStore(keyForm);
  useEffect(() => setOpen(false), [text]);
  return (
    <header class={`bar${isOpen ? ' open' : ''}`}>
      <a class="brand" href="#/"><Logo />Headwater</a>
      <button type="button" class="plain menu" aria-expanded={isOpen} aria-controls="navigation" onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'close' : 'menu'} /><span class="hidden">Menu</span>
      </button>
      <nav id="navigation" aria-label="Pages">
        {pages.map(([page, name, icon]) => (
          <a key={page} href={`#/${page}`} aria-current={(here === 'events' ? 'feeds' : here) === page ? 'page' : undefined}><Icon name={icon} />{name}</a>
        ))}
      </nav>
      <div class="bar-foot">
        <Health />
        {isSignedIn && <button type="button" class="plain" onClick={forget} title="Forget the key of this tab"><Icon name="key" />Sign out</button>}
        {isPutOff && <button type="button" onClick={() => void openKeyForm().then(() => location.reload(), () => {})}><Icon name="key" />Use a key</button>}
        <ThemeSwitch />
      </div>
    </header>
  );
}
