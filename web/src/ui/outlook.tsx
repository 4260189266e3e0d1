import type { Outlook } from '../api/standing';
import { Until } from './time';

/// What will happen next, with the moment when it is known.
export function OutlookText({ outlook }: { outlook: Outlook }) {
  return <>{outlook.text}{outlook.at && <> <Until time={outlook.at} />.</>}</>;
}
