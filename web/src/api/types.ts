/// The documents of the API, as far as they are read here.

export interface Link { rel: string; href: string; templated?: boolean }

export interface HeadwaterEvent {
  id: string;
  type: string;
  subject?: string;
  occurredAt?: string;
  sourceId?: string;
  source?: string;
  created_at: string;
  payload?: unknown;
  payload_base64?: string;
  ephemeral?: true;
  processed?: boolean;
  links?: Link[];
}

export type StreamState = 'running' | 'retrying' | 'paused' | 'blocked';

export interface Lag { events: number; atLeast?: true; seconds: number }

export interface Stream {
  id: string;
  name: string;
  type?: string;
  types?: string[];
  source: string;
  order: 'loose' | 'subject' | 'strict';
  state: StreamState;
  since: string;
  cursor: string;
  lag?: Lag;
  dead?: number;
  expired?: number;
  last_error?: string;
  node?: string;
  last_delivered_at?: string;
  next_attempt_at?: string;
  in_flight?: number;
  set_aside?: number;
  rates?: { delivered_per_second: number };
  secret?: string;
  created_at: string;
  updated_at: string;
  links: Link[];
  [option: string]: unknown;
}

export interface Registration {
  type: string;
  ttl: string;
  schema?: unknown;
  streams: Stream[];
  created_at: string;
  updated_at: string;
  links: Link[];
}

export interface Delivery {
  id: string;
  name: string;
  state: 'delivered' | 'pending' | 'retrying' | 'dead' | 'not-registered-then' | 'expired';
  attempts?: number;
  last_error?: string;
  last_status?: number;
  next_attempt_at?: string;
  died_at?: string;
  links: Link[];
}

export interface DeadEvent extends HeadwaterEvent {
  attempts: number;
  last_error: string;
  last_status?: number;
  died_at: string;
}

export interface Attempt {
  event: string;
  attempt: number;
  replay?: string;
  at: string;
  result: 'delivered' | 'failed' | 'unavailable' | 'rejected' | 'stop';
  status?: number;
  duration_seconds: number;
  reason?: string;
  response?: string;
}

export interface Replay {
  id: string;
  state: 'running' | 'done' | 'cancelled';
  from: string;
  to: string;
  only?: 'dead';
  rate?: number;
  done: number;
  total: number;
  delivered: number;
  failed: number;
  skipped: number;
  created_at: string;
  finished_at?: string;
}

export type MonitorStatus = 'Unknown' | 'Ok' | 'Dead';

export interface Monitor {
  id: string;
  name: string;
  description: string;
  interval: string;
  threshold: number;
  notify: ({ source: string; stream: string } & Record<string, unknown>)[];
  status: MonitorStatus;
  status_since: string;
  paused: boolean;
  last_check_in: string | null;
  due_at: string | null;
  check_ins: { at: string }[];
  curl: string;
  api_key?: string;
  ping_url?: string;
}

export interface Flip { at: string; from: MonitorStatus; to: MonitorStatus; reason: string; event?: string }

export interface Stats {
  node: string;
  step_seconds: number;
  times: string[];
  accepted: number[];
  types: { type: string; per_second: number; total: number; accepted?: number[] }[];
  append: { p50: (number | null)[]; p99: (number | null)[] };
  deliveries: Record<string, number[]>;
  lag: { events: number[]; oldest_seconds: number[] };
  live: { connections: number[]; messages: number[] };
}

export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  error?: string;
  instance?: string;
  errors?: { pointer: string; detail: string }[];
}
