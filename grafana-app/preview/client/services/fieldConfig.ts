import {
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  ThresholdsMode,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
  type FieldConfigPropertyItem,
} from '@grafana/data'
import { uniqBy } from 'lodash'

/** Nobody edits a panel here, but options and fields name their editors. */
const NoEditor = () => null

/** The options that every visualisation has; Grafana's own list is in its core and not in a package. */
const STANDARD: Record<string, { process: FieldConfigPropertyItem['process']; defaultValue?: unknown }> = {
  unit: { process: unitOverrideProcessor as never },
  min: { process: numberOverrideProcessor as never },
  max: { process: numberOverrideProcessor as never },
  fieldMinMax: { process: booleanOverrideProcessor as never },
  decimals: { process: numberOverrideProcessor as never },
  displayName: { process: displayNameOverrideProcessor as never },
  noValue: { process: stringOverrideProcessor as never },
  color: { process: identityOverrideProcessor },
  thresholds: {
    process: thresholdsOverrideProcessor as never,
    defaultValue: {
      mode: ThresholdsMode.Absolute,
      steps: [
        { value: -Infinity, color: 'green' },
        { value: 80, color: 'red' },
      ],
    },
  },
  mappings: { process: valueMappingsOverrideProcessor as never, defaultValue: [] },
  links: { process: dataLinksOverrideProcessor as never, defaultValue: [] },
  actions: { process: identityOverrideProcessor },
  filterable: { process: booleanOverrideProcessor as never },
}

const EDITORS = [
  ...['text', 'string', 'strings', 'number', 'slider', 'boolean', 'select', 'multi-select', 'radio', 'color'],
  ...['fieldColor', 'unit', 'timezone', 'thresholds', 'mappings', 'links', 'actions', 'stats-picker'],
  ...['field-name', 'dashboard-uid'],
]

/** Fills Grafana's registries of options, editors and transformations. */
export function fillRegistries(): void {
  standardFieldConfigEditorRegistry.setInit(() =>
    Object.entries(STANDARD).map(([id, { process, defaultValue }]) => ({
      id,
      path: id,
      name: id,
      editor: NoEditor,
      override: NoEditor,
      process,
      shouldApply: () => true,
      ...(defaultValue !== undefined && { defaultValue }),
    })),
  )
  standardEditorsRegistry.setInit(() => EDITORS.map((id) => ({ id, name: id, editor: NoEditor })))
  standardTransformersRegistry.setInit(() =>
    uniqBy(Object.values(standardTransformers), 'id').map((transformer) => ({
      id: transformer.id,
      name: transformer.name,
      transformation: () => Promise.resolve(transformer),
      editor: NoEditor,
      imageDark: '',
      imageLight: '',
    })),
  )
}
