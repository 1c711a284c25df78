// One person, by any identity. What is typed stays on this page: it is in no address, and it is gone when one leaves.

import { Button, ComboBox, ComboBoxItem, TextField } from "@react-spectrum/s2";
import { style } from "@react-spectrum/s2/style" with { type: "macro" };
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetsQuery } from "../../api/datasets";
import { type FoundPerson, findProfile } from "../../api/people";
import { Problem } from "../../api/problem";
import { ErrorState } from "../../parts/ErrorState";
import { faultAt } from "../../parts/formFields";
import { PageHead } from "../../parts/PageHead";
import { PageLoading } from "../../parts/PageLoading";
import css from "../../parts/page.module.css";
import { Needs } from "../../parts/WriteOnly";
import { profiles as words } from "../../strings/en/profiles";
import { Found } from "./Found";

export function ProfilesPage() {
  return (
    <>
      <div className={css.head}>
        <PageHead title={words.title} />
      </div>
      <Needs>
        <Search />
      </Needs>
    </>
  );
}

function Search() {
  const [namespace, setNamespace] = useState("");
  const [id, setId] = useState("");
  const datasets = useQuery(datasetsQuery);
  const names = new Set(datasets.data?.items.flatMap((dataset) => dataset.identities.map((one) => one.namespace)));
  const [found, setFound] = useState<{ turn: number; person: FoundPerson }>();
  const [turn, setTurn] = useState(0);
  const find = useMutation({
    mutationFn: findProfile,
    onSuccess: (person) => setFound({ turn, person }),
    // Answers about people are not kept longer than they are shown.
    gcTime: 0,
  });
  const problem = find.error ? Problem.from(find.error) : undefined;
  const isReady = namespace.trim() !== "" && id !== "";
  return (
    <div className={css.page}>
      <p className={css.quiet}>{words.lead}</p>
      <form
        className={css.fields}
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady) return;
          setFound(undefined);
          setTurn(turn + 1);
          find.mutate({ namespace: namespace.trim(), id });
        }}
      >
        <ComboBox
          label={words.namespace}
          isRequired
          allowsCustomValue
          menuTrigger="focus"
          inputValue={namespace}
          onInputChange={setNamespace}
          {...faultAt(problem, "/namespace")}
          items={[...names].sort().map((name) => ({ name }))}
        >
          {({ name }) => <ComboBoxItem id={name}>{name}</ComboBoxItem>}
        </ComboBox>
        <TextField
          label={words.id}
          isRequired
          autoComplete="off"
          value={id}
          onChange={setId}
          {...faultAt(problem, "/id")}
          styles={style({ width: 320 })}
        />
        <Button type="submit" variant="accent" isDisabled={!isReady} isPending={find.isPending}>
          {words.find}
        </Button>
        {found && (
          <Button
            variant="secondary"
            onPress={() => {
              setFound(undefined);
              find.reset();
              setId("");
            }}
          >
            {words.clear}
          </Button>
        )}
      </form>
      {problem && problem.fields.length === 0 && <ErrorState error={problem} wanted={words.find} />}
      {find.isPending && !found && <PageLoading />}
      {found && (
        <Found
          key={found.turn}
          turn={found.turn}
          found={found.person}
          onChanged={() => find.mutate(found.person.identity)}
        />
      )}
    </div>
  );
}
