// The page of the browser in a window of Visual Studio.

import { hosted } from './hosted.js';

const host = window.chrome.webview;
const send = (message) => host.postMessage(JSON.stringify(message));
const hear = hosted(send);
host.addEventListener('message', ({ data }) => hear(JSON.parse(data)));
send({ ready: true });
