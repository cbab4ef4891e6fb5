import type { FieldConfigEditorBuilder } from '@grafana/data'

const NoEditor = () => null

/** Registers options below `custom` of a visualisation with their defaults: Grafana drops what is not registered. */
export function addCustomFields(
  builder: FieldConfigEditorBuilder<object>,
  defaults: Readonly<Record<string, unknown>>,
): void {
  for (const [path, defaultValue] of Object.entries(defaults))
    builder.addCustomEditor<object, unknown>({
      id: path,
      path: path,
      name: path,
      editor: NoEditor,
      override: NoEditor,
      process: (value: unknown) => value,
      shouldApply: () => true,
      defaultValue,
    })
}
