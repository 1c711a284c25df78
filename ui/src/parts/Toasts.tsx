// React Spectrum's toasts, in a file of their own: they are loaded when the page is there.

export { ToastContainer as default, ToastQueue } from "@react-spectrum/s2";
