import { settings as room } from "../../strings/en/settings";

const words = room.schedules;

/** A cron expression as people say it, where it is one of the usual ones; else as it is. */
export function cronText(cron: string): string {
  const [second, minute = "", hour = "", day = "", month = "", weekday = ""] = cron.trim().split(/\s+/);
  const isAny = [day, month, weekday].every((part) => part === "*" || part === "?");
  if (!isAny || second !== "0" || !/^\d{1,2}$/.test(minute)) return cron;
  if (hour === "*") return words.hourly(minute.padStart(2, "0"));
  return /^\d{1,2}$/.test(hour) ? words.daily(`${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`) : cron;
}
