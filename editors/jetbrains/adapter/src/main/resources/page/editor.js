// The page of the browser in a tool window.

import { hosted } from './hosted.js';

let post;
const send = (message) => post(JSON.stringify(message));
const hear = hosted(send);

window.nextline = {
  /** The window is there: `to` takes a text to it. */
  connect(to) {
    post = to;
    send({ ready: true });
  },
  heard: (text) => hear(JSON.parse(text)),
};
