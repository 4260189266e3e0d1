import { useEffect, useState } from 'preact/hooks';
import { inWords, type Scope } from '../api/scopes';
import { access, openKeyForm, signOut } from '../api/session';
import { useReadiness } from '../api/readiness';
import { useMay } from '../hooks';
import { useRoute } from '../router';
import { useStore } from '../store';
import { theme, type Choice } from '../theme';
import { Icon, type IconName } from './icon';

/// With the scope that a page needs of a key.
const pages: [string, string, IconName, Scope?][] = [
  ['', 'Overview', 'overview'], ['live', 'Live', 'live', 'read'], ['feeds', 'Feeds', 'feed', 'read'], ['streams', 'Streams', 'streams', 'register'],
  ['types', 'Event types', 'types', 'register'], ['monitors', 'Monitors', 'monitors', 'monitors'], ['rooms', 'Rooms', 'rooms', 'rooms'], ['inboxes', 'Inboxes', 'inbox', 'read'],
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

/// Whose key this tab goes by, and the way out.
function Holder() {
  const { isSignedIn, isOut, key, scopes } = useStore(access);
  if (isOut) return <button type="button" onClick={() => void openKeyForm().catch(() => {})}><Icon name="key" />Use a key</button>;
  if (!isSignedIn) return null;
  return (
    <div class="holder">
      {key && <p class="quiet" title={scopes && `It allows ${inWords(scopes)}`}>Key <strong>{key}</strong></p>}
      <button type="button" class="plain" onClick={signOut} title="Forget the token of this tab"><Icon name="key" />Sign out</button>
    </div>
  );
}

/// The landmarks' first: where one is, where one can go, and whether the server is well.
export function Navigation() {
  const { segments: [here = ''], text } = useRoute();
  const [isOpen, setOpen] = useState(false);
  const may = useMay();
  useEffect(() => setOpen(false), [text]);
  return (
    <header class={`bar${isOpen ? ' open' : ''}`}>
      <a class="brand" href="#/"><Logo />Headwater</a>
      <button type="button" class="plain menu" aria-expanded={isOpen} aria-controls="navigation" onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'close' : 'menu'} /><span class="hidden">Menu</span>
      </button>
      <nav id="navigation" aria-label="Pages">
        {pages.map(([page, name, icon, scope]) => {
          const isClosed = scope !== undefined && !may(scope);
          return (
            <a key={page} href={`#/${page}`} aria-current={(here === 'events' ? 'feeds' : here) === page ? 'page' : undefined}
              class={isClosed ? 'closed' : undefined} title={isClosed ? `Your key does not allow ${scope}` : undefined}>
              <Icon name={icon} />{name}{isClosed && <span class="closed-mark"><Icon name="lock" /><span class="hidden">, closed to your key</span></span>}
            </a>
          );
        })}
      </nav>
      <div class="bar-foot">
        <Health />
        <Holder />
        <ThemeSwitch />
      </div>
    </header>
  );
}
