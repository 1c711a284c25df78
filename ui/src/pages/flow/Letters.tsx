// Messages that the target refused for good, and sending their profiles again.

import { ActionButton, Button } from "@react-spectrum/s2";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { lettersQuery, redeliver } from "../../api/flows";
import { POLL_MILLIS } from "../../api/queries";
import type { Flow } from "../../api/shapes";
import { type Column, DataTable } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { sentence } from "../../parts/format";
import { Loaded } from "../../parts/Loaded";
import { Section } from "../../parts/Section";
import { showDone, showProblem } from "../../parts/toast";
import { Bytes, Time } from "../../parts/values";
import { useMayWrite } from "../../parts/WriteOnly";
import { destinations as destinationsWords } from "../../strings/en/destinations";
import { runs as room } from "../../strings/en/runs";
import own from "./flow.module.css";

const words = room.letters;

const REASONS_MAX = 3;

type Letter = Schemas["Letter"];

export function Letters({ flow }: { flow: Flow }) {
  const queries = useQueryClient();
  const mayWrite = useMayWrite();
  const query = useQuery({ ...lettersQuery(flow.id), refetchInterval: POLL_MILLIS });
  const { mutate, isPending } = useMutation({
    mutationFn: (eventIds?: string[]) => redeliver(flow.id, eventIds),
    onSuccess: ({ letters }) => showDone(words.done(letters)),
    onError: (error) => showProblem(error, words.redeliver),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["letters"] }),
        queries.invalidateQueries({ queryKey: ["flows"] }),
      ]),
  });
  return (
    <Loaded query={query}>
      {({ items, count }) =>
        items.length === 0 ? (
          <EmptyState title={words.none}>{words.noneText}</EmptyState>
        ) : (
          <Section
            title={words.title}
            tools={
              <Button
                size="S"
                variant="secondary"
                isPending={isPending}
                isDisabled={!mayWrite}
                onPress={() => mutate(undefined)}
              >
                {words.redeliverAll}
              </Button>
            }
          >
            <p>{words.text}</p>
            <Reasons letters={items} />
            {count > items.length && <p>{words.more(items.length, count)}</p>}
            <DataTable
              isFit
              at="letters"
              label={words.title}
              name="letters"
              columns={columnsOf(mayWrite, (letter) => mutate([letter.eventId]))}
              rows={items}
              rowKey={(letter) => letter.eventId}
              sort="at"
            />
          </Section>
        )
      }
    </Loaded>
  );
}

/** What the target said, whole: the table has no room for it. */
function Reasons({ letters }: { letters: Letter[] }) {
  const counts = new Map<string, number>();
  for (const { message } of letters) counts.set(message, (counts.get(message) ?? 0) + 1);
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, REASONS_MAX);
  return (
    <ul className={own.reasons}>
      {most.map(([message, n]) => (
        <li key={message}>{words.reason(n, sentence(message))}</li>
      ))}
    </ul>
  );
}

function columnsOf(mayWrite: boolean, send: (letter: Letter) => void): Column<Letter>[] {
  return [
    { id: "at", label: words.at, width: 200, sortBy: (one) => one.at, cell: (one) => <Time at={one.at} seconds /> },
    {
      id: "send",
      label: destinationsWords.browse.actions,
      width: 120,
      cell: (one) => (
        <ActionButton size="XS" isDisabled={!mayWrite} onPress={() => send(one)}>
          {words.redeliver}
        </ActionButton>
      ),
    },
    {
      id: "profile",
      label: words.profile,
      minWidth: 190,
      sortBy: (one) => one.profileId,
      cell: (one) => <code title={one.profileId}>{one.profileId}</code>,
    },
    {
      id: "message",
      label: words.message,
      minWidth: 236,
      cell: (one) => <span title={one.message}>{one.message}</span>,
    },
    {
      id: "bytes",
      label: words.bytes,
      minWidth: 110,
      align: "end",
      isExtra: true,
      sortBy: (one) => one.bytes,
      cell: (one) => <Bytes value={one.bytes} />,
    },
    { id: "class", label: words.class, minWidth: 110, isExtra: true, cell: (one) => one.class },
    { id: "event", label: words.event, minWidth: 200, isExtra: true, cell: (one) => <code>{one.eventId}</code> },
  ];
}
