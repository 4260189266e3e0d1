import { useEffect, useRef, useState } from 'preact/hooks';
import { access, openKeyForm, putOff, signIn, type Lack } from '../api/session';
import { useStore } from '../store';
import { TextField } from './field';
import { Icon } from './icon';
import { Empty, Page } from './page';

const titles: Record<Lack, string> = { none: 'A key is needed', over: 'Sign in again', refused: 'Your key is no longer good', 'signed out': 'A key is needed' };
const reasons: Record<Lack, string> = {
  none: 'This server asks for keys.',
  over: 'A key opens this page for an hour, and the hour is over.',
  refused: 'The key of this tab was revoked or replaced, or it has expired.',
  'signed out': 'This server asks for keys.',
};

/// Asks for a key when the server wants one, and says why it does. The page behind it stays as it is.
export function KeyDialog() {
  const { isAsking, isOut, lack } = useStore(access);
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, setKey] = useState('');
  const [mistake, setMistake] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    if (isAsking) dialog.current?.showModal();
    else dialog.current?.close();
    setMistake(undefined);
    setKey('');
  }, [isAsking]);
  const submit = async () => {
    if (isBusy) return;
    setBusy(true);
    setMistake(await signIn(key.trim()));
    setBusy(false);
    setKey('');
    dialog.current?.querySelector('input')?.focus();
  };
  return (
    <dialog ref={dialog} aria-labelledby="key-title" aria-describedby="key-reason" onCancel={(event) => { event.preventDefault(); putOff(); }}>
      <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <h2 id="key-title">{titles[lack]}</h2>
        <p id="key-reason">{reasons[lack]} {!isOut && lack !== 'none' && 'What you have typed on this page stays there meanwhile.'}</p>
        <TextField label="Key" type="password" value={key} set={setKey} error={mistake} wide
          hint={<>It is exchanged for a token that is good for an hour and stays in this tab; the key itself is not kept. To make one, on the server:{' '}
            <code>headwater keys create --name dashboard --scope admin</code></>} />
        <div class="actions">
          <button type="submit" class="main" aria-busy={isBusy}>Use this key</button>
          <button type="button" onClick={putOff}>Not now</button>
        </div>
      </form>
    </dialog>
  );
}

/// In the place of every page while nobody is signed in and a key is needed.
export function SignedOutPage() {
  const { lack } = useStore(access);
  return (
    <Page title={lack === 'signed out' ? 'You are signed out' : titles[lack]}>
      <div class="card">
        <Empty title={lack === 'signed out' ? 'This tab has forgotten your key.' : reasons[lack]}>
          Nothing is shown, and nothing is asked of the server, until somebody signs in.
        </Empty>
        <p class="centre"><button type="button" class="main" onClick={() => void openKeyForm().catch(() => {})}><Icon name="key" />Sign in with a key</button></p>
      </div>
    </Page>
  );
}
