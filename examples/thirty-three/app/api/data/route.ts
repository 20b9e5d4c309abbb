export function GET() {
  const rows = Array.from({ length: 100 }, (_, index) => ({
    id: index,
    value: Math.random(),
    label: `Item ${index}`,
  }));
  return Response.json(rows);
}
