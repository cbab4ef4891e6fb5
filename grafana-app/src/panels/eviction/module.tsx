import '../../publicPath'
import { panelPlugin } from '../panelPlugin'

export const plugin = panelPlugin(() => import('./EvictionPanel').then(({ EvictionPanel }) => EvictionPanel))
