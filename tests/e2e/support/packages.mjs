// The npm packages of this folder, for what stands outside of it.
export { default as amqp } from 'amqplib';
export { default as EventSource } from 'eventsource';
export { Webhook } from 'standardwebhooks';
export { default as WebSocket } from 'ws';
