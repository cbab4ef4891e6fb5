import type { NavModelItem } from '@grafana/data'
import { BehaviorSubject } from 'rxjs'

/** The navigation item of the page that is shown, for the breadcrumbs in the header. */
export const currentPage = new BehaviorSubject<NavModelItem | undefined>(undefined)
