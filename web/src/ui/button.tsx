import type { ComponentChildren } from 'preact';
import { useAction } from '../hooks';
import { Icon, type IconName } from './icon';
import { confirmed } from './confirm';

interface Props {
  icon?: IconName;
  children: ComponentChildren;
  kind?: 'main' | 'danger' | 'plain';
  title?: string;
  disabled?: boolean;
  /// A question that must be answered first.
  ask?: string;
  act: () => Promise<string | void>;
}

/// A button for one call to the server: busy while it runs, tells how it ended.
export function ActionButton({ icon, children, kind, title, disabled, ask, act }: Props) {
  const action = useAction(act);
  const press = async () => { if (!ask || await confirmed(ask)) await action.run(); };
  return (
    <button type="button" class={kind} title={title} disabled={disabled} aria-busy={action.isBusy} onClick={() => void press()}>
      {icon && <Icon name={icon} />}{children}
    </button>
  );
}
