/// Events with the very text that the server gave.
import { elementTexts, memberText } from './json_text';
import type { HeadwaterEvent, Link } from './types';

export interface ShownEvent extends HeadwaterEvent { text: string }

export const readEvent = (text: string): ShownEvent => ({ ...JSON.parse(text) as HeadwaterEvent, text });

/// The payload's own text; of data that is no JSON, its base64 as a JSON string.
export const payloadOf = (event: ShownEvent): string =>
  memberText(event.text, 'payload') ?? memberText(event.text, 'payload_base64') ?? 'null';

export function readPage<T extends ShownEvent>(text: string): { events: T[]; links: Link[] } {
  const page = JSON.parse(text) as { events: T[]; links: Link[] };
  const texts = elementTexts(memberText(text, 'events') ?? '[]');
  return { events: page.events.map((event, i) => ({ ...event, text: texts[i] ?? '{}' })), links: page.links };
}
