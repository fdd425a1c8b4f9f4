// The page of the browser in a view of VS Code.

// @ts-ignore: plain JavaScript, the browser's own.
import { hosted } from '../../../../agent/src/serve/page/hosted.js';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const editor = acquireVsCodeApi();
const hear = hosted((message: unknown) => editor.postMessage(message));
addEventListener('message', ({ data }) => hear(data));
editor.postMessage({ ready: true });
