/// Whether Headwater registers a type by itself: what monitors, streams, rooms and inboxes say.
export const isBuiltIn = (type: string): boolean => /^(headwater|monitor|room):|^service\.(create|delete)(\.|$)|^monitor\.user$/.test(type);
