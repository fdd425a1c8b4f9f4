// The page of the browser in a view of Eclipse, over two functions: `nextlineSend` is Eclipse's, and it calls `nextlineHear`.

import { hosted } from './hosted.js';

const send = (message) => window.nextlineSend(JSON.stringify(message));
window.nextlineHear = hosted(send);

/** SWT gives a page its functions when it is loaded. */
function begin() {
  if (window.nextlineSend) send({ ready: true });
  else setTimeout(begin, 20);
}
begin();
