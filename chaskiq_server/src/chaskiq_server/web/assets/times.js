// Times in the reader's own language and zone.

const STEPS = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [7, "day"],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const dayWord = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** "now", "5 min. ago", "yesterday", "3 May". */
export function ago(time) {
  let amount = (Date.parse(time) - Date.now()) / 1000;
  if (amount > -60) return relative.format(0, "second");
  for (const [size, unit] of STEPS) {
    if (-amount < size) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return shortDay.format(new Date(time));
}

/** "14:05". */
export function timeOfDay(time) {
  return clock.format(new Date(time));
}

/** Everything, for whoever points at a time. */
export function wholeTime(time) {
  return whole.format(new Date(time));
}

/** "Today", "Yesterday", or the date. */
export function dayName(time) {
  const days = Math.round((midnight(new Date(time)) - midnight(new Date())) / 86_400_000);
  if (days > -2) return capital(dayWord.format(days, "day"));
  return day.format(new Date(time));
}

/** Whether two times are on one day here. */
export function sameDay(one, other) {
  return midnight(new Date(one)) === midnight(new Date(other));
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function capital(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
