// Times in the address of the audit log, where anybody may have written anything.

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/;

/** Whether it is a day, or a time in UTC, that there is: `Date.parse` takes the 31st of February for the 3rd of March. */
export function isTimeText(text: string | undefined): text is string {
  if (text === undefined || !TIME.test(text)) return false;
  const millis = Date.parse(text);
  return !Number.isNaN(millis) && new Date(millis).toISOString().slice(0, 10) === text.slice(0, 10);
}
