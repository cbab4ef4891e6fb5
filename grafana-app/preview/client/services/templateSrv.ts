import type { ScopedVars } from '@grafana/data'
import type { TemplateSrv } from '@grafana/runtime'
import { sceneGraph, type SceneObject } from '@grafana/scenes'

type Format = Parameters<typeof sceneGraph.interpolate>[3]

/** Variables are those of the scene that asks; outside of a scene there are only the ones handed in. */
export const templateSrv: TemplateSrv = {
  getVariables: () => [],
  containsTemplate: (target) => /\$\w+|\[\[\w+\]\]|\$\{\w+/.test(target ?? ''),
  updateTimeRange: () => undefined,
  replace(target = '', scopedVars?: ScopedVars, format?: Parameters<TemplateSrv['replace']>[2]) {
    const scene = sceneOf(scopedVars)
    if (scene) return sceneGraph.interpolate(scene, target, scopedVars, format as Format)
    return target.replace(/\$(\w+)|\$\{(\w+)(?::\w+)?\}/g, (match, plain?: string, braced?: string) => {
      const variable = scopedVars?.[plain ?? braced ?? '']
      return variable ? String(variable.value) : match
    })
  },
}

function sceneOf(scopedVars: ScopedVars | undefined): SceneObject | undefined {
  const { __sceneObject } = scopedVars ?? {}
  return __sceneObject ? ((__sceneObject as { value: object }).value.valueOf() as SceneObject) : undefined
}
