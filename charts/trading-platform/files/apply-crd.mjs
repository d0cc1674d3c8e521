/**
 * Applies the CRD to the API server of the cluster in which this pod runs. A Job runs this script at each upgrade, because Helm installs
 * the files of crds/ only once and never updates them. Needs only Node; environment variables name the file and the CRD.
 */
import { readFileSync } from 'node:fs';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const {
  CRD_FILE,
  CRD_NAME,
  API_SERVER = 'https://kubernetes.default.svc',
  TOKEN_FILE = `${account}/token`,
} = process.env;

const url = new URL(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${CRD_NAME}`, API_SERVER);
url.search = 'fieldManager=trading-platform-chart&force=true';
const response = await fetch(url, {
  method: 'PATCH',
  headers: {
    authorization: `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}`,
    'content-type': 'application/apply-patch+yaml',
  },
  body: readFileSync(CRD_FILE),
});
if (!response.ok) throw new Error(`the API server answers ${response.status}: ${await response.text()}`);
console.log(`${CRD_NAME} is current`);
