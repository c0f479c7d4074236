// What an event part tells, in words.

/** The sentence of an event part, such as "Ann assigned this to Bob". */
export function eventWords(part) {
  const who = part.author.name;
  const data = part.event.data ?? {};
  switch (part.event.action) {
    case "assigned":
      return data.id === part.author.id
        ? `${who} took this conversation`
        : `${who} assigned this to ${data.name ?? "somebody"}`;
    case "unassigned":
      return `${who} took the assignment away`;
    case "closed":
      return `${who} closed the conversation`;
    case "reopened":
      return `${who} reopened the conversation`;
    case "snoozed":
      return `${who} snoozed the conversation`;
    case "prioritized":
      return `${who} changed the priority`;
    case "tagged":
      return `${who} changed the tags`;
    case "joined":
      return `${names(data, who)} joined`;
    case "left":
      return data.change === "bot_blocked" ? `${names(data, who)} blocked the bot` : `${names(data, who)} left`;
    case "unsubscribed":
      return `${names(data, who)} unsubscribed`;
    case "failed":
      return `Something did not work: ${data.reason ?? "no reason was given"}`;
    default:
      return `${who}: ${part.event.action}`;
  }
}

function names(data, otherwise) {
  return Array.isArray(data.names) && data.names.length
    ? new Intl.ListFormat(undefined).format(data.names.map(String))
    : otherwise;
}
