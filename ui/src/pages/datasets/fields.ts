// A dataset's fields with their labels: own ones, and those that come from what is around them.

import type { DatasetLabels, Json, JsonObject, SchemaField } from "../../api/dataShapes";
import type { ShownLabel } from "../../parts/LabelChips";

export type Field = {
  name: string;
  /** As rules write it. */
  path: string;
  /** As labels name it. */
  schemaPath: string;
  type: string;
  /** Names from the outside in, for finding its value in a record. */
  names: string[];
  own: string[];
  inherited: { name: string; from: string }[];
  fields: Field[];
};

/** Labels of data that identifies somebody or tells where they are: not shown unless somebody asks for it. */
const SENSITIVE = new Set(["I1", "I2", "S1", "S2"]);

/** `dataset` is what the labels of the whole are said to come from. */
export function labelled(tree: SchemaField[], labels: DatasetLabels, dataset: string): Field[] {
  const own = new Map(labels.optionalLabels.map((one) => [one.option.schemaPath, one.labels]));
  const walk = (fields: SchemaField[], outer: Pick<Field, "schemaPath" | "names" | "inherited">): Field[] =>
    fields.map((field) => {
      const schemaPath = `${outer.schemaPath}/properties/${escaped(field.name)}`;
      const names = [...outer.names, field.name];
      const mine = own.get(schemaPath) ?? [];
      const inherited = outer.inherited.filter((label) => !mine.includes(label.name));
      const passed = mine.map((name) => ({ name, from: field.path }));
      return {
        name: field.name,
        path: field.path,
        schemaPath,
        type: field.type,
        names,
        own: mine,
        inherited,
        fields: walk(field.fields ?? [], { schemaPath, names, inherited: [...inherited, ...passed] }),
      };
    });
  const inherited = labels.labels.map((name) => ({ name, from: dataset }));
  return walk(tree, { schemaPath: "", names: [], inherited });
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

export function shownLabels({ own, inherited }: Pick<Field, "own" | "inherited">): ShownLabel[] {
  return [...own.map((name) => ({ name })), ...inherited];
}

/** All fields, those inside of others behind them. */
export function flatFields(fields: Field[]): Field[] {
  return fields.flatMap((field) => [field, ...flatFields(field.fields)]);
}

/** Fields with nothing inside: the columns of a table of records. */
export function leaves(fields: Field[]): Field[] {
  return flatFields(fields).filter((field) => field.fields.length === 0);
}

/** Every profile's identities are in it, whatever labels the fields have that they came from. */
const IDENTITIES = "identityMap";

/** Whether a field's values are hidden at first. Labels may also be inside of a list or a map, which is one column. */
export function isSensitive(field: Field, labels: DatasetLabels): boolean {
  if (field.names[0] === IDENTITIES) return true;
  const inside = labels.optionalLabels
    .filter(({ option }) => option.schemaPath.startsWith(`${field.schemaPath}/`))
    .flatMap((one) => one.labels);
  return [...field.own, ...field.inherited.map(({ name }) => name), ...inside].some((name) => SENSITIVE.has(name));
}

/** The value of a field in a record. */
export function valueAt(record: JsonObject, names: string[]): Json | undefined {
  let value: Json | undefined = record;
  for (const name of names) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    value = value[name];
  }
  return value;
}

export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The labels with those of one field, or of the whole dataset, as given. */
export function withLabels(labels: DatasetLabels, schemaPath: string | undefined, names: string[]): DatasetLabels {
  if (schemaPath === undefined) return { ...labels, labels: names };
  const others = labels.optionalLabels.filter(({ option }) => option.schemaPath !== schemaPath);
  const known = labels.optionalLabels.find(({ option }) => option.schemaPath === schemaPath);
  const mine = names.length === 0 ? [] : [{ option: { ...known?.option, schemaPath }, labels: names }];
  return { ...labels, optionalLabels: [...others, ...mine] };
}
