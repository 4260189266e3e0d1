// Waits by looking: runs the assertions again and again until none throws, or throws the last complaint.
export async function eventually(assertions, patience = 20_000) {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await assertions();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
