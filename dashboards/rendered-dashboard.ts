/** The types of a rendered dashboard: the fields of Grafana's classic JSON model that tests and tools read. */
export interface RenderedTarget {
  refId: string;
  expr: string;
  datasource: unknown;
  legendFormat?: string;
  exemplar?: boolean;
  format?: string;
}
interface Step {
  value: number | null;
  color: string;
}
interface Override {
  matcher: { id: string; options: string };
  properties: { id: string; value: { fixedColor?: string } }[];
}
export interface RenderedPanel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: unknown;
  interval?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: RenderedTarget[];
  transformations?: {
    id: string;
    options: { byField?: string; excludeByName?: Record<string, boolean>; renameByName?: Record<string, string> };
  }[];
  options?: { legend?: { displayMode?: string; showLegend?: boolean; calcs?: string[] } };
  fieldConfig?: {
    defaults: {
      unit?: string;
      min?: number;
      max?: number;
      noValue?: string;
      thresholds?: { steps: Step[] };
      links?: { title: string; url: string }[];
      custom?: { thresholdsStyle?: { mode: string } };
    };
    overrides: Override[];
  };
}
interface RenderedVariable {
  name: string;
  type: string;
  query: string;
  datasource?: unknown;
  hide?: number;
  refresh?: number;
  sort?: number;
  allValue?: string;
  multi?: boolean;
  includeAll?: boolean;
  current?: { value: string | string[] };
}
export interface RenderedDashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  editable: boolean;
  graphTooltip: number;
  refresh: string;
  schemaVersion: number;
  time: { from: string; to: string };
  templating: { list: RenderedVariable[] };
  annotations: { list: { name: string; expr: string; datasource: unknown; enable: boolean; placement?: string }[] };
  links: {
    type: string;
    tags: string[];
    asDropdown: boolean;
    includeVars: boolean;
    keepTime: boolean;
    placement?: string;
  }[];
  panels: RenderedPanel[];
}
