// React Spectrum's toasts, in a file of their own: they are loaded when the page is there.

import { ToastContainer, ToastQueue } from "@react-spectrum/s2";

// They come and go in a view transition where the browser has such. Its picture lies over the whole page for half a second,
// longer on a busy machine, and takes every click that is meant for what is below. Without it they show at once.
Reflect.deleteProperty(Document.prototype, "startViewTransition");

export { ToastContainer as default, ToastQueue };
