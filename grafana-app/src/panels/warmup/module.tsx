import '../../publicPath'
import { panelPlugin } from '../panelPlugin'

export const plugin = panelPlugin(() => import('./WarmupPanel').then(({ WarmupPanel }) => WarmupPanel))
