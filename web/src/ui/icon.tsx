/// Line icons on a grid of 20, drawn for this page.
const paths = {
  overview: 'M3 11.5a7 7 0 1 1 14 0M10 11.5l3-4M6 16h8',
  live: 'M2 10h4l2-6 4 12 2-6h4',
  feed: 'M5 3h10v14H5zM8 7h4M8 10h4M8 13h2',
  streams: 'M3 5h6c4 0 4 5 8 5M3 10h14M3 15h6c4 0 4-5 8-5',
  types: 'M3 10l7-7h6v6l-7 7zM13 6.5v.01',
  rooms: 'M3 4h14v9H9l-4 4v-4H3z',
  inbox: 'M3 11l2.5-7h9L17 11v5H3zM3 11h4l1 2h4l1-2h4',
  monitors: 'M2 10h3l2-3 3 6 2-3h6M10 17.5a7.5 7.5 0 1 1 .01 0',
  check: 'M4 10.5l4 4 8-9',
  alert: 'M10 3l8 14H2zM10 8v4M10 14.5v.01',
  dead: 'M5 5l10 10M15 5L5 15',
  clock: 'M10 17a7 7 0 1 1 .01 0M10 6v4l3 2',
  pause: 'M7 4v12M13 4v12',
  play: 'M6 4l10 6-10 6z',
  stop: 'M5 5h10v10H5z',
  retry: 'M16 10a6 6 0 1 1-2-4.5M14 2v4h-4',
  skip: 'M4 4l8 6-8 6zM15 4v12',
  close: 'M5 5l10 10M15 5L5 15',
  copy: 'M7 7h10v10H7zM13 7V3H3v10h4',
  left: 'M12 4l-6 6 6 6',
  right: 'M8 4l6 6-6 6',
  first: 'M15 4l-6 6 6 6M5 4v12',
  last: 'M5 4l6 6-6 6M15 4v12',
  plus: 'M10 4v12M4 10h12',
  sun: 'M10 13.5a3.5 3.5 0 1 1 .01 0M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4',
  moon: 'M16 12.5A7 7 0 0 1 7.5 4a6.5 6.5 0 1 0 8.500 8.500z',
  auto: 'M10 17a7 7 0 1 1 .01 0M10 3v14',
  lock: 'M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3',
  key: 'M12 11a4 4 0 1 1 .01 0M9.200 10.800L3 17M5 15l2 2',
  send: 'M3 10l14-7-5 14-3-6z',
  trash: 'M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11',
  menu: 'M3 5h14M3 10h14M3 15h14',
  unknown: 'M7.500 7.500a2.500 2.500 0 1 1 3.500 2.300c-.700.300-1 .800-1 1.700M10 14.500v.010',
  external: 'M8 5H4v11h11v-4M11 3h6v6M17 3l-8 8',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return <svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d={paths[name]} /></svg>;
}
