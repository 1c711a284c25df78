// The wizard that activates segments: loads the destination and everything that its steps need.

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { accountQuery } from "../../api/accounts";
import { flowQuery } from "../../api/flows";
import { profileFieldsQuery } from "../../api/profiles";
import type { Flow } from "../../api/shapes";
import { specsQuery } from "../../api/specs";
import { targetQuery } from "../../api/targets";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { Needs } from "../../parts/WriteOnly";
import { activate as activateWords } from "../../strings/en/activate";
import { Activate } from "./Activate";

export function ActivatePage() {
  return (
    <Needs>
      <OfFlow />
    </Needs>
  );
}

function OfFlow() {
  const { flow: id } = useParams({ strict: false }) as { flow: string };
  const flow = useQuery(flowQuery(id));
  return <Loaded query={flow}>{(loaded) => <WithTarget key={loaded.id} flow={loaded} />}</Loaded>;
}

function WithTarget({ flow }: { flow: Flow }) {
  const target = useQuery(targetQuery(flow.targetConnectionIds[0] ?? ""));
  const specs = useQuery(specsQuery);
  const schema = useQuery(profileFieldsQuery);
  const account = useQuery({
    ...accountQuery(target.data?.baseConnectionId ?? ""),
    enabled: target.data !== undefined,
  });
  return (
    <Loaded query={target}>
      {(to) => (
        <Loaded query={specs}>
          {(all) => {
            const spec = all.find((one) => one.id === to.connectionSpec?.id);
            if (!spec) return <EmptyState title={activateWords.noKind} />;
            return (
              <Loaded query={schema}>
                {(fields) => (
                  <Loaded query={account}>
                    {(from) => (
                      <Activate
                        flow={flow}
                        target={to}
                        spec={spec}
                        schema={fields}
                        isEncrypted={Boolean(from.encryption?.params?.publicKey)}
                      />
                    )}
                  </Loaded>
                )}
              </Loaded>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}
